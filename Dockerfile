# The program alone, in an image without anything else. It builds with 1 GB of
# memory, and from the same source and images it is the same program.
#
#   docker build -t mealbuddy --build-arg VERSION=0.2.0 --build-arg COMMIT=$(git rev-parse HEAD) \
#     --build-arg DATE=$(git log -1 --format=%cI) .
ARG NODE_IMAGE=node:24-alpine
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
ARG VERSION=""
ARG COMMIT=""
ARG DATE=""
# Without a zone database in the image, the program carries its own.
RUN go build -tags timetzdata -ldflags "-s -w -buildid= -X main.version=$VERSION -X main.commit=$COMMIT -X main.date=$DATE" -o /root-fs/mealbuddy ./cmd/mealbuddy \
 && mkdir -p /root-fs/etc/ssl/certs \
 && cp /etc/ssl/certs/ca-certificates.crt /root-fs/etc/ssl/certs/ \
 && mkdir -m 0700 /root-fs/data \
 && mkdir -m 1777 /root-fs/tmp \
 && chown 65532:65532 /root-fs/data

FROM scratch
ARG VERSION=""
ARG COMMIT=""
ARG DATE=""
LABEL org.opencontainers.image.title=MealBuddy \
      org.opencontainers.image.description="Neighbours who order food together" \
      org.opencontainers.image.source=https://github.com/Group-buying-service/mealbuddy \
      org.opencontainers.image.licenses=Apache-2.0 \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$COMMIT \
      org.opencontainers.image.created=$DATE
COPY --from=program /root-fs /
ENV MEALBUDDY_DATA=/data
VOLUME /data
USER 65532:65532
EXPOSE 8080
# Before it is ready, another node may have to bring the tables up to date.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 CMD ["/mealbuddy", "health"]
ENTRYPOINT ["/mealbuddy"]
