# parix in an image: docker build -t parix . && docker run --rm -it -v parix-config:/home/node/.config parix --help
FROM node:22-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund && npm run pack -- --out /out

FROM node:22-slim
COPY --from=build /out/parix-*.tgz /tmp/
RUN npm install --global --offline --no-audit --no-fund /tmp/parix-*.tgz && rm /tmp/parix-*.tgz
USER node
ENTRYPOINT ["parix"]
