# The image of the controller manager, for those who prefer a container engine to "make image".
# The files are the same; docs/image.md describes them.
#
#   docker build --tag=registry.example.org/xos-controller-manager:v1 .
#
# A context without .git needs --build-arg for VERSION, REVISION and SOURCE_DATE_EPOCH.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETARCH
ARG VERSION
ARG REVISION
ARG SOURCE_DATE_EPOCH
WORKDIR /src
COPY . .
RUN go run -C hack/image . rootfs -platform=linux/$TARGETARCH -version=$VERSION -revision=$REVISION -output=/rootfs

FROM scratch
COPY --from=build /rootfs /
USER 65532:65532
ENTRYPOINT ["/xos-controller-manager"]
