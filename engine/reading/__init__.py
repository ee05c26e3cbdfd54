"""From text to model: definition files, `greenroom.yaml`, and back to what AWS accepts."""
