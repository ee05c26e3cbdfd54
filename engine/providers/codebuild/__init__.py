"""CodeBuild: the provider, and the build that Commands and local deployments share with it."""
