"""Documents as text to translate, and as all that stands around it: one small file a format."""
