# The program alone, in an image without anything else. It builds with 1 GB of
# memory, and from the same source and images it is the same program.
#
#   docker build -t mealbuddy .
ARG NODE_IMAGE=node:20-alpine
ARG GO_IMAGE=golang:1.26-alpine

FROM ${NODE_IMAGE} AS web
WORKDIR /src/adapter/web
COPY adapter/web/package.json adapter/web/package-lock.json adapter/web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY openapi.yaml /src/
COPY adapter/web ./
RUN NODE_OPTIONS=--max-old-space-size=512 npm run build

FROM ${GO_IMAGE} AS program
WORKDIR /src
ENV CGO_ENABLED=0 GOFLAGS="-p=1 -trimpath -buildvcs=false" GOMEMLIMIT=512MiB GOTOOLCHAIN=local
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/adapter/web/dist adapter/web/dist
# Without a zone database in the image, the program carries its own.
RUN go build -tags timetzdata -ldflags "-s -w -buildid=" -o /root-fs/mealbuddy ./cmd/mealbuddy \
 && mkdir -p /root-fs/etc/ssl/certs \
 && cp /etc/ssl/certs/ca-certificates.crt /root-fs/etc/ssl/certs/ \
 && mkdir -m 0700 /root-fs/data \
 && mkdir -m 1777 /root-fs/tmp \
 && chown 65532:65532 /root-fs/data

FROM scratch
COPY --from=program /root-fs /
ENV MEALBUDDY_DATA=/data
VOLUME /data
USER 65532:65532
EXPOSE 8080
# Before it is ready, another node may have to bring the tables up to date.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 CMD ["/mealbuddy", "health"]
ENTRYPOINT ["/mealbuddy"]
