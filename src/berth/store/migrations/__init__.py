"""Steps from one schema to the next; run by ``store.schema`` alone, never edited once released."""
