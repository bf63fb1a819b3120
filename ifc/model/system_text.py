"""What the operating system and the text decoder say, in both languages."""

from __future__ import annotations

import errno

from ifc.model.text import Text

_REASONS = {
    errno.ENOENT: Text("there is no such file or folder", "文件或文件夹不存在"),
    errno.EACCES: Text("permission denied", "没有访问权限"),
    errno.EPERM: Text("permission denied", "没有访问权限"),
    errno.EEXIST: Text("a file of that name is in the way", "已有同名文件"),
    errno.ENOTDIR: Text("a part of the path is a file, not a folder", "路径中有一级是文件而非文件夹"),
    errno.EISDIR: Text("it is a folder, not a file", "这是文件夹而非文件"),
    errno.ENOSPC: Text("the disk is full", "磁盘空间不足"),
    errno.EROFS: Text("the disk is read-only", "磁盘为只读"),
    errno.ENAMETOOLONG: Text("the name is too long", "文件名过长"),
    errno.EIO: Text("the disk failed", "磁盘读写出错"),
    errno.EMFILE: Text("too many files are open", "打开的文件过多"),
}


def reason_of(error: Exception) -> Text:
    """Why a file could not be read or written: an ``OSError``, ``UnicodeDecodeError`` or other."""
    if isinstance(error, UnicodeDecodeError):
        data = bytes(error.object)
        line = data.count(b"\n", 0, error.start) + 1
        return Text(
            f"line {line} is not UTF-8 (byte 0x{data[error.start]:02X})",
            f"第 {line} 行不是 UTF-8 编码（字节 0x{data[error.start]:02X}）",
        )
    if isinstance(error, OSError) and error.errno in _REASONS:
        return _REASONS[error.errno]
    said = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return Text(said, f"系统提示“{said}”")
