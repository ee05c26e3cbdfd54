"""Looking into files: previews, diffs, trees of artifacts. No widgets in here."""
