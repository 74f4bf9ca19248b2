#!/bin/sh
# Builds the image of deploy/Dockerfile where there is no Docker, and no registry of images to have
# a base from: Debian's packages make its system, umoci writes its layers. On Debian 12, as root:
#
#   apt install git mmdebstrap python3-venv umoci
#   deploy/image.sh dist
#   podman load --input dist/passerelle-image.tar
#
# Besides the image, dist has its bills of materials: Debian's packages, and Python's.
# shellcheck disable=SC2016 # "$1" is for the shell of mmdebstrap's hooks
set -eu
dist=$(mkdir -p "$1" && realpath "$1")
cd "$(dirname "$0")/.."
suite=bookworm python=python3.11 # the suite's own Python; the wheels are picked for it
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
PYTHONHASHSEED=0 # the order of sets in what is compiled
export SOURCE_DATE_EPOCH PYTHONHASHSEED
created=$(date --utc --date "@$SOURCE_DATE_EPOCH" +%FT%TZ)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root wheels=$work/root/wheels app=/opt/passerelle

# The layer below: a system without manuals, translations, and the Perl that usrmerge brings.
mmdebstrap --quiet --variant=minbase --skip=output/dev \
	--include=usr-is-merged,python3,tesseract-ocr,tesseract-ocr-deu,tesseract-ocr-eng \
	--include=tesseract-ocr-fra,tesseract-ocr-nld,tesseract-ocr-script-latn \
	--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
	--dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-include=/usr/share/doc/*/copyright' \
	--customize-hook='chroot "$1" apt-get --quiet --yes purge usrmerge' \
	--customize-hook='chroot "$1" apt-mark auto "?name(perl)" "?name(gdbm)" >/dev/null 2>&1' \
	--customize-hook='chroot "$1" apt-get --quiet --yes --purge autoremove \
		-o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false' \
	--customize-hook='chroot "$1" useradd --uid 10001 --no-create-home --home-dir /nonexistent \
		--no-log-init passerelle' \
	--customize-hook='chroot "$1" install -d -o passerelle -m 0700 /data /cache' \
	"$suite" "$work/system.tar"

# The layer above: Passerelle and what it needs. The wheels are fetched out here, where the network
# and its certificates are, and installed in there without one.
mkdir "$root" "$wheels"
tar --extract --directory "$root" --file "$work/system.tar"
"$python" -m venv "$work/tool"
"$work/tool/bin/pip" wheel --quiet --constraint constraints.txt --wheel-dir "$wheels" \
	--requirement deploy/requirements-light.txt
"$work/tool/bin/pip" wheel --quiet --no-deps --wheel-dir "$wheels" .
"$work/tool/bin/pip" wheel --quiet --no-deps --wheel-dir "$wheels" pip
cp deploy/requirements-light.txt "$wheels"
chroot "$root" python3 -m venv --without-pip "$app"
pip=$(basename "$wheels"/pip-*.whl)/pip
inside() {
	chroot "$root" env --chdir=/wheels python3 "$pip" --isolated --python "$app" "$@"
}
inside install --quiet --no-compile --no-index --find-links . --requirement requirements-light.txt
inside install --quiet --no-compile --no-index --find-links . --no-deps passerelle
rm -r "$wheels"
libraries=$root$app/lib/$python/site-packages
# What no server reads, 110 MB: tests, headers and types, and OpenVINO's libraries for devices that a
# container does not have and for the formats of other models.
find "$libraries" -type d -name tests -prune -exec rm -r {} +
find "$libraries" \( -name '*.h' -o -name '*.hpp' -o -name '*.pxd' -o -name '*.pyi' -o -name '*.pyx' \) -delete
find "$libraries/openvino/libs" \( -name '*_[gn]pu_plugin*' -o -name cache.json \
	-o -name '*_frontend*' ! -name '*_ir_frontend*' \) -delete
chroot "$root" python3 -m compileall -q -x olefile2 --invalidation-mode unchecked-hash "$app/lib"
tar --create --file "$work/app.tar" --directory "$root" --sort=name --mtime="@$SOURCE_DATE_EPOCH" \
	--numeric-owner "${app#/}"

image=$work/image:passerelle
umoci init --layout "$work/image"
umoci new --image "$image"
for layer in system app; do
	umoci raw add-layer --image "$image" --history.created "$created" \
		--history.created_by deploy/image.sh "$work/$layer.tar"
done
umoci config --image "$image" --no-history --created "$created" --config.user 10001 \
	--config.entrypoint passerelle --config.cmd serve --config.stopsignal SIGTERM \
	--config.exposedports 8000 --config.volume /data --config.volume /cache \
	--config.env "PATH=$app/bin:/usr/bin:/bin" --config.env PASSERELLE_DATA=/data \
	--config.env PASSERELLE_CACHE=/cache --config.env PASSERELLE_HOST=0.0.0.0 \
	--config.env PASSERELLE_LOG_FORMAT=json
umoci gc --layout "$work/image"
tar --create --file "$dist/passerelle-image.tar" --directory "$work/image" --sort=name \
	--mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX .

"$work/tool/bin/pip" install --quiet cyclonedx-bom==7.5.0 'debsbom[cdx]==0.10.2'
"$work/tool/bin/debsbom" generate --root "$root" --sbom-type cdx --with-licenses \
	--distro-version 12 --timestamp "$created" --out "$dist/passerelle-image-debian"
"$python" -m venv --without-pip "$work/as-inside"
rm -r "$work/as-inside/lib/$python/site-packages"
ln -s "$libraries" "$work/as-inside/lib/$python/site-packages"
"$work/tool/bin/cyclonedx-py" environment --pyproject pyproject.toml --output-reproducible \
	--output-file "$dist/passerelle-image-python.cdx.json" "$work/as-inside/bin/python"

printf 'unpacked: %s MB\n' "$(du --summarize --block-size=1MB "$root" | cut -f 1)"
cd "$dist" && du --block-size=1MB passerelle-image.tar && sha256sum passerelle-image*
