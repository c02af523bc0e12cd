"""The tables of Verification Summary, a module for each page. Cells are made by format_html: a template column compiles
one for every cell. Rows carry their attributes ready-made, because django-tables2 looks at the signature of every
callable that makes one.
"""
