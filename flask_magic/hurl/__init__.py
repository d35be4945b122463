"""Requests in Hurl's plain-text format (https://hurl.dev): read, sent to an app, and their responses tried.

`parser` makes a `tree` of a text and `printer` a text of a tree; `run` sends its entries; `query`, `filters` and
`predicates` say what an assert asks. What is not implemented is refused by name.
"""
