# syntax=docker/dockerfile:1

FROM node:24.21.0-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN node scripts/run.js build

# Beside the stage above: a change of a source does not install the packages of the image again.
FROM node:24.21.0-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev
# LangChain's packages for other model providers, such as "@langchain/anthropic": tests need them too, so they are
# development packages unless they are named here.
ARG MODEL_PACKAGES=""
RUN --mount=type=cache,target=/root/.npm \
  if [ -n "$MODEL_PACKAGES" ]; then npm install --omit=dev --save-prod $MODEL_PACKAGES; fi
COPY ops/docker/slim.sh ./
RUN sh slim.sh node_modules

FROM node:24.21.0-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app
COPY --from=packages /app/package.json ./
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/frontend/build ./frontend/build
RUN mkdir /data && chown 1000:1000 /data
# The user `node`, as a number: Kubernetes' `runAsNonRoot` cannot check a name.
USER 1000:1000
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# By default V8 lets its young generation grow to 100 MB, without a measurable gain in speed.
# Node runs as the first process: it handles SIGTERM itself, and starts no children that would need reaping.
CMD ["node", "--max-semi-space-size=8", "--enable-source-maps", "dist/src/main.js"]
