"""One way to write pairs down in each file; `nmt.text.readers` has the table of them."""
