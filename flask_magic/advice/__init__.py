"""What to do about a failure: a sentence or two, where its type and its message leave no doubt.

A wrong hint is worse than none: whatever is not known exactly gets no advice.

    reading     what a traceback holds
    errors      advice on an exception
    refusals    advice on a response that Flask or Werkzeug made themselves: 404, 405, 415 …
    nearest     the rules that a URL came close to
    in_cells    the same advice for an exception in a plain cell

The other modules hold one kind of failure each. Nothing of it is imported before a first request, or failure.
"""
