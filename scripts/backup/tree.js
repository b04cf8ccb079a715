// Takes the files of a directory that another uid writes to over into one of root's. A module for mongosh's Node, without a server.
//
// That uid may rename, replace and link whatever it likes meanwhile. So no name is followed: each directory is opened once, as one and
// no link, and what lies in it is reached through its descriptor (/proc/self/fd, since Node has no openat). What was linked is looked at
// where only root writes.
//
//   DOING  link: each file is there under another name; copy: each file's bytes are
//   FROM   absolute path of the directory
//   TO     a directory of root's; a file that is in it already is replaced by a newer one of its name
//   AGAIN  optional: takes all, says `ready`, and takes what has come since as soon as there is a line on standard input
//
// Files and directories are taken. Links and special files are not, nor is a directory that is root's and closed to everybody else:
// what Rocket.Chat cannot read is none of its data. Prints how many were left out, if any.
/* global require */
const fs = require("fs");

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants;
const deepest = 64;
let leftOut = 0;

/** What is called so in an open directory, whatever that is called by now. */
const at = (directory, name) => Buffer.concat([Buffer.from(`/proc/self/fd/${directory}/`), name]);
const openDirectory = (path) => fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

/** From the root on, part by part: none of them is a link. */
function openPath(path) {
  let fd = openDirectory("/");
  for (const part of path.split("/").filter((name) => name !== "")) {
    const next = openDirectory(at(fd, Buffer.from(part)));
    fs.closeSync(fd);
    fd = next;
  }
  return fd;
}

/** What goes while it is taken is gone; so is a file that becomes a link. */
function despiteChanges(take) {
  try {
    take();
  } catch (error) {
    if (!["ENOENT", "ENOTDIR", "ELOOP"].includes(error.code)) throw error;
  }
}

function takeAll(from, to, depth) {
  if (depth > deepest) throw new Error(`directories more than ${deepest} deep`);
  for (const name of fs.readdirSync(`/proc/self/fd/${from}`, { encoding: "buffer" }))
    despiteChanges(() => take(at(from, name), at(to, name), depth));
}

function take(source, target, depth) {
  const found = fs.lstatSync(source);
  if (found.isDirectory()) takeDirectory(source, target, depth);
  else if (!found.isFile()) leftOut += 1;
  else if (process.env.DOING === "link") linkFile(source, target);
  else copyFile(source, target);
}

function takeDirectory(source, target, depth) {
  const from = openDirectory(source);
  try {
    const found = fs.fstatSync(from);
    if (found.uid === 0 && (found.mode & 0o077) === 0) return;
    if (!isDirectory(target)) {
      fs.rmSync(target, { force: true });
      fs.mkdirSync(target, 0o700);
    }
    const to = openDirectory(target);
    try {
      takeAll(from, to, depth + 1);
      keepLooks(to, found);
    } finally {
      fs.closeSync(to);
    }
  } finally {
    fs.closeSync(from);
  }
}

/** Without rights that only their owner may give. */
function keepLooks(to, { uid, gid, mode, atime, mtime }) {
  fs.fchownSync(to, uid, gid);
  fs.fchmodSync(to, mode & 0o777);
  fs.futimesSync(to, atime, mtime);
}

const isDirectory = (path) => fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function linkFile(source, target) {
  try {
    fs.linkSync(source, target);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const [one, other] = [fs.lstatSync(source), fs.lstatSync(target)];
    if (one.ino === other.ino) return;
    fs.rmSync(target, { recursive: true });
    fs.linkSync(source, target);
  }
  if (fs.lstatSync(target).isFile()) return;
  fs.unlinkSync(target);
  leftOut += 1;
}

function copyFile(source, target) {
  // A named pipe would have the reader wait for ever.
  const from = fs.openSync(source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const found = fs.fstatSync(from);
    if (!found.isFile()) {
      leftOut += 1;
      return;
    }
    fs.rmSync(target, { recursive: true, force: true });
    const to = fs.openSync(target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      copyBytes(from, to, found.size);
      keepLooks(to, found);
    } finally {
      fs.closeSync(to);
    }
  } finally {
    fs.closeSync(from);
  }
}

/** No more than there was: who writes to it meanwhile could keep the reader for ever. */
function copyBytes(from, to, size) {
  const buffer = Buffer.allocUnsafe(1 << 20);
  for (let left = size; left > 0;) {
    const read = fs.readSync(from, buffer, 0, Math.min(buffer.length, left), null);
    if (read === 0) return;
    for (let written = 0; written < read;) written += fs.writeSync(to, buffer, written, read - written, null);
    left -= read;
  }
}

/** mongosh makes standard input one that does not wait. */
function waitForLine() {
  const moment = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      fs.readSync(0, Buffer.alloc(1));
      return;
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(moment, 0, 0, 10);
    }
  }
}

try {
  const [from, to] = [openPath(process.env.FROM), openDirectory(process.env.TO)];
  takeAll(from, to, 0);
  if (process.env.AGAIN !== undefined) {
    fs.writeSync(1, "ready\n");
    waitForLine();
    leftOut = 0;
    takeAll(from, to, 0);
  }
  if (leftOut > 0) process.stdout.write(`${leftOut} links or special files, which are no data\n`);
} catch (error) {
  process.stderr.write(
    `files: must be readable, and the uploads on a file system with hard links (got ${error.message})\n`,
  );
  process.exit(1);
}
process.exit(0);
