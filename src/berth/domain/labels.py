"""The labels of containers and networks that Berth made."""

#: Labels that begin with this are Berth's own; a text may set none of them.
LABEL_PREFIX = "berth."

INSTANCE_LABEL = LABEL_PREFIX + "instance"
HOST_LABEL = LABEL_PREFIX + "host"
ASSIGNMENT_LABEL = LABEL_PREFIX + "assignment"
ATTEMPT_LABEL = LABEL_PREFIX + "attempt"
DEPLOYMENT_LABEL = LABEL_PREFIX + "deployment"
SERVICE_LABEL = LABEL_PREFIX + "service"
SLOT_LABEL = LABEL_PREFIX + "slot"
#: Hash of the settings that the container was made with.
SPEC_LABEL = LABEL_PREFIX + "spec"
#: How many containers of the assignment were replaced because they were unhealthy.
RENEWALS_LABEL = LABEL_PREFIX + "renewals"
#: Digest of the image that the container was made from, where it has one.
DIGEST_LABEL = LABEL_PREFIX + "image-digest"
#: A network's name in the text.
NETWORK_LABEL = LABEL_PREFIX + "network"
#: The image of a container that a user started from it; such a container has no assignment.
IMAGE_LABEL = LABEL_PREFIX + "image"

#: Every label that Berth reads of a container.
CONTAINER_LABELS = (
    INSTANCE_LABEL,
    HOST_LABEL,
    ASSIGNMENT_LABEL,
    ATTEMPT_LABEL,
    DEPLOYMENT_LABEL,
    SERVICE_LABEL,
    SLOT_LABEL,
    SPEC_LABEL,
    RENEWALS_LABEL,
    DIGEST_LABEL,
    IMAGE_LABEL,
)
