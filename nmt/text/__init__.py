"""Characters -> ids: lines, readers, cleaning, tokenizer, batches."""
