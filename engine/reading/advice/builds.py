"""Builds that give the same result tomorrow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.reading.advice.advice import BUILD_GUIDE, Finding, advice
from engine.reading.advice.scene import Scene
from engine.reading.problem import Path

_OLD_VERSION = re.compile(r"^\W*version\W+0\.1\b", re.MULTILINE)
_LONG = 600
_RETIRED = re.compile(
    r"aws/codebuild/(standard:[1-4]\.0|amazonlinux2-x86_64-standard:[12]\.0|amazonlinux2-aarch64-standard:1\.0"
    r"|(android-java|docker|dot-net|eb-\w+|golang|java|nodejs|php|python|ruby|ubuntu-base|windows-base)[\w.-]*:.*)"
)


@advice(
    "GR651",
    "a buildspec says version 0.2",
    why="in 0.1 every command has a shell of its own, so cd and variables are forgotten",
    fix="write `version: 0.2`",
    reference=BUILD_GUIDE + "build-spec-ref.html#build-spec-ref-versions",
)
def old_version(scene: Scene) -> Iterator[Finding]:
    """Buildspecs in the template or the action that say version 0.1."""
    for action in scene.pipeline.actions:
        if _OLD_VERSION.search(action.configuration.get("BuildspecOverride", "")):
            yield Finding((*action.path, "configuration", "BuildspecOverride"), f"{action.name} has buildspec 0.1")
    for project in scene.of("AWS::CodeBuild::Project"):
        source = project.properties.get("Source")
        text = source.get("BuildSpec") if isinstance(source, dict) else None
        if isinstance(text, str) and _OLD_VERSION.search(text):
            path = (*project.path, "Source", "BuildSpec")
            yield Finding(path, f"project {project.name} has buildspec 0.1", in_document=True)


@advice(
    "GR652",
    "a build image has a version",
    why="`latest` is another image tomorrow, and the build breaks without a change of yours",
    fix="name a version or a digest",
    reference="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
)
def latest(scene: Scene) -> Iterator[Finding]:
    """Images of CodeBuild projects with the tag latest, or none."""
    for name, image, path, in_document in _images(scene):
        tag = image.rpartition("/")[2].partition(":")[2]
        if not image.startswith("aws/codebuild/") and "@" not in image and tag in ("", "latest"):
            yield Finding(path, f"project {name} builds in {image}, which has no version", in_document=in_document)


@advice(
    "GR653",
    "a build image is still maintained",
    why="AWS no longer updates it: its tools and certificates grow old, and one day it is gone",
    fix="use aws/codebuild/standard:7.0 or aws/codebuild/amazonlinux-x86_64-standard:5.0 and name runtime-versions",
    reference=BUILD_GUIDE + "build-env-ref-available.html",
)
def retired(scene: Scene) -> Iterator[Finding]:
    """Images of CodeBuild projects that AWS has retired."""
    for name, image, path, in_document in _images(scene):
        if _RETIRED.fullmatch(image):
            yield Finding(path, f"project {name} builds in {image}", in_document=in_document)


def _images(scene: Scene) -> Iterator[tuple[str, str, Path, bool]]:
    """Project, image, and where that is said: in the template, or at the action that uses the project."""
    seen = False
    for project in scene.of("AWS::CodeBuild::Project"):
        environment = project.properties.get("Environment")
        image = environment.get("Image") if isinstance(environment, dict) else None
        seen = True
        if isinstance(image, str):
            yield project.name, image, (*project.path, "Environment", "Image"), True
    for action in () if seen else scene.pipeline.actions:
        name = action.configuration.get("ProjectName", "")
        settings = scene.surroundings.projects.get(name)
        if settings is not None and settings.image:
            yield name, settings.image, (*action.path, "configuration", "ProjectName"), False


@advice(
    "GR654",
    "a buildspec is a file beside the code",
    why="it changes with the code that it builds, and AWS takes no more than 1000 characters here",
    fix="put it into the repository and name the file",
    reference=BUILD_GUIDE + "build-spec-ref.html",
)
def inline(scene: Scene) -> Iterator[Finding]:
    """Long buildspecs in an action's configuration: a few lines may be clearer there."""
    for action in scene.pipeline.actions:
        path = (*action.path, "configuration", "BuildspecOverride")
        text = action.configuration.get("BuildspecOverride", "")
        if "\n" in text and len(text) > _LONG and scene.is_literal(path, text):
            yield Finding(path, f"action {action.name} holds a whole buildspec")
