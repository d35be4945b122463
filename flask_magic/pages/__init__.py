"""The tooling of the collection: pages are checked, run, begun, copied and indexed here.

`flask-magic pages` is the command; each module holds one of its ideas and imports what is heavy only
when it is used, so that a learner's `make lab` does not wait.
"""
