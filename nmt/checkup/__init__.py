"""The corpus doctor: looks at pairs of sentences and says what is wrong with them."""
