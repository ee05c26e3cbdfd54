"""Test reports and code coverage: what a build's report files say, in one shape."""
