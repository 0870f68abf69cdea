"""The image, the stack of compose.yaml and RouteeContainer, in real containers: `make test-containers`."""
