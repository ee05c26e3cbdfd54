"""Batch builds: what a buildspec's batch asks for (`model`, `read`, `expand`, `order`), and running it (`run`).

https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build.html
"""
