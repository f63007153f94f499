"""Excel in and out: gate, staging, preview, apply, undo; streaming export."""
