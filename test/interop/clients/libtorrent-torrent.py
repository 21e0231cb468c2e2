#!/usr/bin/python3
"""Makes or reads a torrent with libtorrent: one JSON object as the only argument, one JSON object on stdout.

Fields: torrent, and to make it: tree, pieceLength, format ("v2" or "hybrid").
Answer: {"v1", "v2", "magnet", "files": [[path, length, root]]}, hashes in hexadecimal or null, paddings left out.
"""
import json
import os
import sys

import libtorrent as lt

job = json.loads(sys.argv[1])
if 'tree' in job:
    storage = lt.file_storage()
    flags = lt.create_torrent.symlinks | (lt.create_torrent.v2_only if job['format'] == 'v2' else 0)
    lt.add_files(storage, job['tree'], flags=flags)
    maker = lt.create_torrent(storage, job['pieceLength'], flags)
    lt.set_piece_hashes(maker, os.path.dirname(job['tree']))
    with open(job['torrent'], 'wb') as file:
        file.write(lt.bencode(maker.generate()))
info = lt.torrent_info(job['torrent'])
files = info.files()
hashes = info.info_hashes()


def is_content(index):
    return not int(files.file_flags(index)) & int(lt.file_storage.flag_pad_file)


def root(index):
    return str(files.root(index)) if hashes.has_v2() and files.file_size(index) > 0 else None


print(
    json.dumps(
        {
            'v1': str(hashes.v1) if hashes.has_v1() else None,
            'v2': str(hashes.v2) if hashes.has_v2() else None,
            'magnet': lt.make_magnet_uri(info),
            'files': [
                [files.file_path(index), files.file_size(index), root(index)]
                for index in range(files.num_files())
                if is_content(index)
            ],
        }
    )
)
