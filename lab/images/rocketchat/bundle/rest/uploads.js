import busboy from "busboy";
import { pipeline } from "node:stream/promises";
import { ApiError } from "./api-error.js";
import { readJson } from "./api.js";
import { requireUnrestricted } from "./channels.js";

export function addUploadRoutes(api, { environment, memberships, rooms, settings, uploads }) {
  api.route("POST", "/api/v1/rooms.media/:rid", { login: true }, async ({ params, request, user }) => {
    const room = await roomOf(params.rid);
    const file = await receiveFile(request, { rid: room._id, userId: user._id });
    return { file: { _id: file._id, url: urlOf(file) }, success: true };
  });

  api.route(
    "POST",
    "/api/v1/rooms.mediaConfirm/:rid/:fileId",
    { login: true },
    async ({ params, request, user }) => {
      const { msg = "" } = await readJson(request);
      requireUnrestricted(environment);
      const room = await roomOf(params.rid);
      const file = await uploads.find(params.fileId);
      if (file === null || file.rid !== room._id || file.userId !== user._id)
        throw new ApiError(400, "invalid-file");
      const { _id, name, type, size } = file;
      const attachment = {
        title: name,
        title_link: urlOf(file),
        title_link_download: true,
        type: "file",
        fileId: _id,
        size,
      };
      // The format is told of pictures alone.
      const listed = { _id, name, type, size, format: "" };
      const content = { msg, file: listed, files: [listed], attachments: [attachment] };
      return { message: await rooms.post(room, user, content), success: true };
    },
  );

  api.route("GET", "/file-upload/:id/:name", {}, async ({ params, request, response, user }) => {
    const file = await uploads.find(params.id);
    if (file === null) throw new ApiError(404, "Not found");
    if (!(await mayFetch(file, user))) throw new ApiError(403, "Forbidden");
    response.setHeader("Content-Type", file.type);
    response.setHeader("Content-Length", file.size);
    response.setHeader(
      "Content-Disposition",
      `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
    );
    response.setHeader("Content-Security-Policy", "default-src 'none'");
    if (request.method === "HEAD") return void response.end();
    await pipeline(uploads.read(file), response);
  });

  /** An administrator is nothing special here. Where both restrictions are on, nobody may. */
  async function mayFetch(file, user) {
    if (!settings.get("FileUpload_ProtectFiles")) return true;
    if (user === undefined) return false;
    const membersOnly = settings.get("FileUpload_Restrict_to_room_members");
    const readersOnly = settings.get("FileUpload_Restrict_to_users_who_can_access_room");
    if (!membersOnly && !readersOnly) return true;
    if (membersOnly && readersOnly) return false;
    const isMember = await memberships.has(user, file);
    return isMember || (readersOnly && (await rooms.find(file.rid))?.t === "c");
  }

  async function roomOf(rid) {
    const room = await rooms.find(rid);
    if (room === null) throw new ApiError(403, "forbidden");
    return room;
  }

  /** By the two lists of types, of which the one that refuses wins. */
  function isAccepted(type) {
    const listed = (id) =>
      settings
        .get(id)
        .split(",")
        .map((word) => word.trim())
        .filter((word) => word !== "");
    const among = (words) =>
      words.some((word) => word === type || (word.endsWith("/*") && type.startsWith(word.slice(0, -1))));
    const allowed = listed("FileUpload_MediaTypeWhiteList");
    return !among(listed("FileUpload_MediaTypeBlackList")) && (allowed.length === 0 || among(allowed));
  }

  /** Stores the part `file` of a multipart request. */
  async function receiveFile(request, owner) {
    const limit = settings.get("FileUpload_MaxFileSize");
    let refusedType = false;
    // busboy cuts at its limit, a file of just that size included.
    const parser = parserOf(request, limit < 0 ? {} : { fileSize: limit + 1 });
    let saving;
    await new Promise((done, fail) => {
      parser.on("file", (field, stream, { filename, mimeType }) => {
        if (field !== "file" || saving !== undefined) return void stream.resume();
        if (!isAccepted(mimeType)) {
          refusedType = true;
          return void stream.resume();
        }
        const description = { name: filename, type: mimeType, ...owner, tooLarge: () => stream.truncated };
        saving = uploads.save(stream, description);
        saving.catch(fail);
      });
      parser.on("close", done);
      parser.on("error", (error) => fail(new ApiError(400, `Malformed upload: ${error.message}`)));
      request.on("error", (error) => parser.destroy(error));
      request.pipe(parser);
    }).finally(() => request.unpipe(parser));
    if (refusedType) {
      throw new ApiError(400, "File type is not accepted. [error-invalid-file-type]", {
        errorType: "error-invalid-file-type",
      });
    }
    if (saving === undefined) throw new ApiError(400, "File required [invalid-field]");
    const file = await saving;
    if (file === undefined) {
      throw new ApiError(400, `File exceeds allowed size of ${limit} bytes. [error-file-too-large]`, {
        errorType: "error-file-too-large",
      });
    }
    return file;
  }
}

function parserOf(request, limits) {
  try {
    return busboy({ headers: request.headers, limits, defParamCharset: "utf8" });
  } catch (error) {
    throw new ApiError(400, `Malformed upload: ${error.message}`);
  }
}

const urlOf = ({ _id, name }) => `/file-upload/${_id}/${encodeURIComponent(name)}`;
