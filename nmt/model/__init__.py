"""Ids -> scores: embedding, encoder, attention, decoder."""
