"""The calls to AWS that have an answer here: who one is, and what Amazon ECR holds.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.providers.pushed import Pushed, Shelf

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_HOURS = 12 * 3600
_PUBLIC = "public.ecr.aws"
_JSON = "application/x-amz-json-1.1"


class Refused(Exception):
    """AWS would answer with this error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: the kind of its content, the content, and the HTTP status."""

    kind: str
    body: bytes
    status: int = 200


@dataclass(frozen=True, slots=True)
class LocalAws:
    """What is known of AWS in one build. `tag(digest, name)` gives an image of the engine another name."""

    account: str
    region: str
    shelf: Shelf
    refresh: Callable[[], None] = lambda: None
    tag: Callable[[str, str], None] = lambda digest, name: None

    def reply(self, service: str, operation: str, body: bytes) -> Reply | None:
        """The answer to a call; None where there is none here. It may take as long as the engine does."""
        if (service, operation) == ("sts", "GetCallerIdentity"):
            return self._identity()
        work = _OPERATIONS.get(operation) if service in ("ecr", "ecr-public") else None
        if work is None:
            return None
        self.refresh()
        try:
            asked = json.loads(body or b"{}")
            told = work(_Ecr(self, service == "ecr-public"), asked if isinstance(asked, dict) else {})
        except Refused as error:
            content = {"__type": error.code, "message": str(error)}
            return Reply(_JSON, json.dumps(content).encode(), 400)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            content = {"__type": "InvalidParameterException", "message": f"Invalid parameter: {error}"}
            return Reply(_JSON, json.dumps(content).encode(), 400)
        return Reply(_JSON, json.dumps(told).encode())

    def _identity(self) -> Reply:
        from xml.sax.saxutils import escape  # brings an HTTP client along

        arn = f"arn:aws:sts::{self.account}:assumed-role/greenroom/build"
        text = (
            '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
            f"<Arn>{escape(arn)}</Arn><UserId>greenroom:build</UserId><Account>{escape(self.account)}</Account>"
            "</GetCallerIdentityResult><ResponseMetadata><RequestId>greenroom</RequestId></ResponseMetadata>"
            "</GetCallerIdentityResponse>"
        )
        return Reply("text/xml", text.encode())


class _Ecr:
    """One of the two services: private registries, or the public one."""

    def __init__(self, aws: LocalAws, public: bool) -> None:
        self._aws = aws
        self._public = public

    def authorize(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """GetAuthorizationToken: a password that only says where it comes from."""
        token = {
            "authorizationToken": base64.b64encode(b"AWS:greenroom").decode(),
            "expiresAt": int(time.time()) + _HOURS,
        }
        if self._public:
            return {"authorizationData": token}
        accounts = asked.get("registryIds") or [self._aws.account]
        return {"authorizationData": [token | {"proxyEndpoint": f"https://{self._host(one)}"} for one in accounts]}

    def repositories(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """DescribeRepositories: whatever is asked for by name exists, as it does in one's own account."""
        names = asked.get("repositoryNames") or sorted({one.repository for one in self._images(asked)})
        return {"repositories": [self._repository(str(name), asked) for name in names]}

    def create(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """CreateRepository."""
        return {"repository": self._repository(str(asked["repositoryName"]), asked)}

    def describe(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """DescribeImages."""
        chosen = self._chosen(asked)
        rows = []
        for digest in dict.fromkeys(one.digest for one in chosen):
            same = [one for one in self._images(asked) if one.digest == digest]
            rows.append(
                {
                    "registryId": self._registry(same[-1]),
                    "repositoryName": same[-1].repository,
                    "imageDigest": digest,
                    "imageTags": [one.tag for one in same],
                    "imageSizeInBytes": same[-1].size,
                    "imagePushedAt": same[-1].at,
                    "imageManifestMediaType": _MANIFEST,
                }
            )
        return {"imageDetails": rows}

    def listed(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """ListImages."""
        return {"imageIds": [_identifier(one) for one in self._images(asked)]}

    def get(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """BatchGetImage. The manifest knows the image, not its layers: nobody has packed any."""
        found, failures = [], []
        for wanted in asked["imageIds"]:
            hits = [one for one in self._images(asked) if _matches(one, wanted)]
            if not hits:
                reason = {"failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
                failures.append({"imageId": wanted, **reason})
            found += [self._image(one) for one in hits[-1:]]
        return {"images": found, "failures": failures}

    def put(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """PutImage: another tag for an image that is here."""
        digest = json.loads(asked["imageManifest"])["config"]["digest"]
        known = [one for one in self._aws.shelf.images() if one.digest == digest]
        if not known:
            raise Refused("LayersNotFoundException", f"no build has pushed the image {digest} here")
        tag = asked.get("imageTag") or known[-1].tag
        host = known[-1].registry if self._public else self._host(asked.get("registryId") or self._aws.account)
        same = [one for one in known if one.repository == asked["repositoryName"]]
        base = same[-1].name.rpartition(":")[0] if same else f"{host}/{asked['repositoryName']}"
        made = Pushed(f"{base}:{tag}", digest, known[-1].size, int(time.time()))
        self._aws.tag(digest, made.name)
        self._aws.shelf.add([made])
        return {"image": self._image(made)}

    def delete(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """BatchDeleteImage."""
        gone = [one for one in self._images(asked) if any(_matches(one, wanted) for wanted in asked["imageIds"])]
        for one in gone:
            self._aws.shelf.remove(one)
        return {"imageIds": [_identifier(one) for one in gone], "failures": []}

    def _images(self, asked: Mapping[str, Any]) -> list[Pushed]:
        """Those of the repository: of the account and region that are asked for, or else of any."""
        name = asked.get("repositoryName")
        every = [one for one in self._aws.shelf.images() if (one.registry == _PUBLIC) == self._public]
        every = [one for one in every if name is None or one.repository == name]
        if self._public:
            return every
        host = self._host(asked.get("registryId") or self._aws.account)
        own = [one for one in every if one.registry == host]
        return own if own or "registryId" in asked else every

    def _chosen(self, asked: Mapping[str, Any]) -> list[Pushed]:
        wanted = asked.get("imageIds")
        images = self._images(asked)
        if not wanted:
            return images
        found = []
        for each in wanted:
            hits = [one for one in images if _matches(one, each)]
            if not hits:
                shown = ", ".join(f"{key}:'{value}'" for key, value in sorted(each.items()))
                where = f"the repository with name '{asked.get('repositoryName')}'"
                raise Refused(
                    "ImageNotFoundException", f"The image with imageId {{{shown}}} does not exist within {where}"
                )
            found += hits[-1:]
        return found

    def _image(self, one: Pushed) -> dict[str, Any]:
        config = {"mediaType": "application/vnd.docker.container.image.v1+json", "digest": one.digest}
        manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": []}
        return {
            "registryId": self._registry(one),
            "repositoryName": one.repository,
            "imageId": _identifier(one),
            "imageManifest": json.dumps(manifest),
            "imageManifestMediaType": _MANIFEST,
        }

    def _repository(self, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        account = str(asked.get("registryId") or self._aws.account)
        pushed = [one for one in self._images({**asked, "repositoryName": name}) if one.repository == name]
        uri = pushed[-1].name.rpartition(":")[0] if pushed else f"{self._host(account)}/{name}"
        account = self._registry(pushed[-1]) if pushed else account
        return {
            "repositoryArn": f"arn:aws:ecr:{self._aws.region}:{account}:repository/{name}",
            "registryId": account,
            "repositoryName": name,
            "repositoryUri": uri,
            "createdAt": pushed[0].at if pushed else int(time.time()),
        }

    def _registry(self, one: Pushed) -> str:
        return self._aws.account if self._public else one.registry.partition(".")[0]

    def _host(self, account: str) -> str:
        return f"{_PUBLIC}/greenroom" if self._public else f"{account}.dkr.ecr.{self._aws.region}.amazonaws.com"


def _identifier(one: Pushed) -> dict[str, str]:
    return {"imageDigest": one.digest, "imageTag": one.tag}


def _matches(one: Pushed, wanted: Mapping[str, str]) -> bool:
    tag, digest = wanted.get("imageTag", one.tag), wanted.get("imageDigest", one.digest)
    return (tag, digest) == (one.tag, one.digest)


_OPERATIONS: dict[str, Callable[[_Ecr, Mapping[str, Any]], dict[str, Any]]] = {
    "GetAuthorizationToken": _Ecr.authorize,
    "DescribeRepositories": _Ecr.repositories,
    "CreateRepository": _Ecr.create,
    "DescribeImages": _Ecr.describe,
    "ListImages": _Ecr.listed,
    "BatchGetImage": _Ecr.get,
    "PutImage": _Ecr.put,
    "BatchDeleteImage": _Ecr.delete,
}
