# The image of all roles: one binary, every adapter. No container engine was there where this was
# written: the image was never built. deploy/validate checks the file as far as that goes without one.
#   docker build --build-arg SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)" \
#       --output type=image,name=jangteo:0.1.0,rewrite-timestamp=true .
# So that the same tree gives the same image: pinned bases, locked crates, no path and no time of the
# build in it.

ARG RUST=1.95.0-bookworm
ARG DEBIAN=12.12-slim

FROM rust:${RUST} AS build
WORKDIR /jangteo
ARG SOURCE_DATE_EPOCH
ENV CARGO_INCREMENTAL=0 \
    CARGO_PROFILE_RELEASE_STRIP=debuginfo \
    RUSTFLAGS="--remap-path-prefix=/jangteo=. --remap-path-prefix=/usr/local/cargo=cargo"
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/jangteo/target \
    cargo build --locked --release --package jangteo --bin jangteo --all-features && \
    install -D target/release/jangteo /image/usr/local/bin/jangteo && \
    install -d -m 0750 -o 10001 -g 10001 /image/var/lib/jangteo && \
    install -D -m 0644 LICENSE /image/usr/share/doc/jangteo/LICENSE && \
    install -D -m 0644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt && \
    find /image -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:-0}" {} +

FROM debian:${DEBIAN}
LABEL org.opencontainers.image.title=jangteo \
      org.opencontainers.image.licenses=Apache-2.0
COPY --from=build /image /
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /var/lib/jangteo
ENV JANGTEO_DATA=/var/lib/jangteo \
    JANGTEO_LISTEN=0.0.0.0:8080
EXPOSE 8080
# Drains for at most 50 s: connections, then commands.
STOPSIGNAL SIGTERM
ENTRYPOINT ["jangteo"]
CMD ["--help"]
