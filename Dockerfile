FROM python:3.12-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends fonts-dejavu-core fonts-noto-cjk fonts-noto-color-emoji \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --home-dir /app goodwill
COPY . /src
RUN pip install --no-cache-dir "/src[postgres]" && rm -rf /src
USER goodwill
WORKDIR /app
ENTRYPOINT ["goodwill"]
CMD ["--help"]
