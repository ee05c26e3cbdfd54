"""The Lambda action: a function of one's own as CodePipeline invokes it."""
