"""Downloading and unpacking, against a small web server on this machine."""

import hashlib
import http.server
import io
import random
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest
import requests

from tinylab.data.download.archives import unpack
from tinylab.data.download.public import PublicSet, fetch, public_sets
from tinylab.data.download.reasons import reason


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `server.content` for any path; honours Range unless `server.ranges` is off."""

    def do_GET(self):
        content = self.server.content
        wanted = self.headers.get("Range") if self.server.ranges else None
        self.server.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if wanted and start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start : self.server.stop_at])

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.content, server.ranges, server.asked, server.stop_at = b"", True, [], None
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def tar_bytes(*members: tarfile.TarInfo | tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return buffer.getvalue()


NOISE = random.Random(0).randbytes(100_000)
GOOD = tar_bytes(("./testing_list.txt", b"yes/a.wav\n"), ("yes/a.wav", NOISE))


def registry(server, content: bytes = GOOD, urls: tuple[str, ...] = ()) -> dict[str, PublicSet]:
    here = f"http://127.0.0.1:{server.server_port}/mini.tar.gz"
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    entry = PublicSet("Mini", (*urls, here), digest, "mini.tar.gz", len(content), 10**6, "-", "-")
    return {"mini": entry}


def fetch_mini(server, directory: Path, **options) -> Path:
    return fetch("mini", directory=directory, registry=registry(server, **options), progress=False)


def test_the_set_appears_whole_and_is_not_fetched_twice(server, tmp_path):
    server.content = GOOD
    folder = fetch_mini(server, tmp_path)
    assert folder == tmp_path / "mini"
    assert (folder / "yes" / "a.wav").read_bytes() == NOISE
    assert [path.name for path in tmp_path.iterdir()] == ["mini"]
    assert fetch_mini(server, tmp_path) == folder
    assert len(server.asked) == 1


def test_an_interrupted_download_goes_on_where_it_stopped(server, tmp_path):
    server.content, server.stop_at = GOOD, 50_000
    with pytest.raises(RuntimeError, match="goes on where it stopped"):
        fetch_mini(server, tmp_path)
    have = (tmp_path / "mini.tar.gz.part").stat().st_size
    assert 30_000 < have <= 50_000
    server.stop_at = None
    assert (fetch_mini(server, tmp_path) / "testing_list.txt").is_file()
    assert server.asked[-1] == f"bytes={have}-"


def test_a_server_without_ranges_starts_again(server, tmp_path):
    server.content, server.ranges = GOOD, False
    (tmp_path / "mini.tar.gz.part").write_bytes(b"x" * 100)
    assert fetch_mini(server, tmp_path).is_dir()


def test_a_partial_file_that_is_too_long_is_thrown_away(server, tmp_path):
    server.content = GOOD
    (tmp_path / "mini.tar.gz.part").write_bytes(b"x" * 10**6)
    assert fetch_mini(server, tmp_path).is_dir()


def test_another_file_than_the_registered_one_is_refused(server, tmp_path):
    server.content = GOOD[:-1] + b"!"
    with pytest.raises(RuntimeError, match="checksum differs"):
        fetch_mini(server, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_second_mirror_is_tried(server, tmp_path):
    server.content = GOOD
    assert fetch_mini(server, tmp_path, urls=("http://127.0.0.1:9/mini.tar.gz",)).is_dir()


def test_without_network_there_is_one_clear_sentence(tmp_path, server):
    entry = registry(server)["mini"]
    nowhere = PublicSet(**{**vars(entry), "urls": ("http://127.0.0.1:9/mini.tar.gz",)})
    with pytest.raises(RuntimeError, match="no connection.*check the network") as caught:
        fetch("mini", directory=tmp_path, registry={"mini": nowhere}, progress=False)
    assert "\n" not in str(caught.value)


def test_a_certificate_that_is_not_valid_yet_asks_for_the_clock():
    error = requests.exceptions.SSLError("certificate is not yet valid")
    assert "is the clock of this computer right?" in reason(error)
    assert reason(requests.ConnectionError("refused")) == "no connection"


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="speech-commands"):
        fetch("speech-comands")


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@pytest.mark.parametrize(
    "archive",
    [
        tar_bytes(("../outside.txt", b"x")),
        tar_bytes(("inside/../../outside.txt", b"x")),
        tar_bytes(("/outside.txt", b"x")),
        tar_bytes(("C:\\outside.txt", b"x")),
        tar_bytes(special("link", tarfile.SYMTYPE, "/etc"), ("link/outside.txt", b"x")),
        tar_bytes(special("link", tarfile.LNKTYPE, "../outside.txt")),
        tar_bytes(special("device", tarfile.CHRTYPE)),
        tar_bytes(special("pipe", tarfile.FIFOTYPE)),
        tar_bytes(("bomb", bytes(2 * 10**6))),
        tar_bytes(("same", b"1"), ("same", b"2")),
        GOOD[:-60],
        b"not an archive at all",
    ],
)
def test_a_hostile_archive_leaves_nothing_behind(server, tmp_path, archive):
    server.content = archive
    with pytest.raises(ValueError):
        fetch_mini(server, tmp_path / "public", content=archive)
    assert not (tmp_path / "public" / "mini").exists()
    assert not list((tmp_path / "public").glob(".unpacking*"))
    assert not list(tmp_path.rglob("outside.txt"))


def test_zip_archives_follow_the_same_rules(tmp_path):
    archive = tmp_path / "some.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("folder/a.txt", "a")
    unpack(archive, tmp_path / "good", limit_bytes=10, progress=False)
    assert (tmp_path / "good" / "folder" / "a.txt").read_text() == "a"
    with zipfile.ZipFile(archive, "a") as file:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    with pytest.raises(ValueError, match="link"):
        unpack(archive, tmp_path / "bad", limit_bytes=100, progress=False)


def test_registered_sets_are_complete():
    for entry in public_sets().values():
        kind, digest = entry.checksum.split(":")
        if kind != "contents":  # which names the publisher's list instead
            assert len(bytes.fromhex(digest)) == {"sha256": 32, "md5": 16}[kind]
        assert entry.urls and entry.archive_bytes > 0


def listed(content: bytes, digest: str | None = None) -> bytes:
    """An archive with the publisher's list of checksums in it."""
    digest = digest or hashlib.sha256(content).hexdigest()
    return tar_bytes(("db/SHA256SUMS.txt", f"{digest} 100.dat\n".encode()), ("db/100.dat", content))


def by_contents(server) -> dict[str, PublicSet]:
    entry = vars(registry(server)["mini"]) | {"checksum": "contents:SHA256SUMS.txt"}
    return {"mini": PublicSet(**entry)}


def test_the_publishers_own_list_is_compared(server, tmp_path):
    server.content = listed(NOISE)
    folder = fetch("mini", directory=tmp_path, registry=by_contents(server), progress=False)
    assert (folder / "db" / "100.dat").read_bytes() == NOISE


@pytest.mark.parametrize("content", [listed(NOISE, "0" * 64), GOOD], ids=["differs", "no list"])
def test_contents_that_differ_from_the_list_are_thrown_away(server, tmp_path, content):
    server.content = content
    with pytest.raises(RuntimeError, match="is damaged.*run the same command again"):
        fetch("mini", directory=tmp_path, registry=by_contents(server), progress=False)
    assert list(tmp_path.iterdir()) == []
