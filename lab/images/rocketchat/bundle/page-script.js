// The one room of the stand-in's page. Its login lies where Rocket.Chat's own page has it.
/* global document, history, localStorage, location, WebSocket, window */

const find = (selector) => document.querySelector(selector);
const roomName = /^\/channel\/([^/]+)/.exec(location.pathname)?.[1] ?? "general";

const kept = () => ({
  "X-User-Id": localStorage.getItem("Meteor.userId"),
  "X-Auth-Token": localStorage.getItem("Meteor.loginToken"),
});

async function call(method, path, body) {
  const answer = await fetch(`/api/v1/${path}`, {
    method,
    headers: { ...kept(), ...(body && { "Content-Type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return answer.json();
}

function show({ _id, u, msg, alias }) {
  if (document.getElementById(_id) !== null) return;
  const item = document.createElement("li");
  item.id = _id;
  const author = document.createElement("strong");
  author.textContent = `${alias || u.username}: `;
  item.append(author, ...msg.split(/(https?:\/\/\S+)/).map((part, i) => (i % 2 ? linkTo(part) : part)));
  find("ol").append(item);
}

function linkTo(address) {
  const link = document.createElement("a");
  Object.assign(link, { href: address, target: "_blank", rel: "noopener noreferrer", textContent: address });
  return link;
}

/** @param heard Called once it hears what others write, or cannot. */
function listen(room, heard) {
  const socket = new WebSocket(`wss://${location.host}/websocket`);
  const send = (message) => socket.send(JSON.stringify(message));
  const state = (text) => (find("#connection").textContent = text);
  socket.onopen = () => send({ msg: "connect", version: "1", support: ["1"] });
  socket.onclose = () => {
    state("offline");
    heard();
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.msg === "ping") send({ msg: "pong" });
    if (message.msg === "connected") {
      const resume = localStorage.getItem("Meteor.loginToken");
      send({ msg: "method", id: "login", method: "login", params: [{ resume }] });
    }
    if (message.msg === "result" && message.id === "login") {
      send({ msg: "sub", id: "room", name: "stream-room-messages", params: [room._id, false] });
    }
    if (message.msg === "ready") {
      state("online");
      heard();
    }
    if (message.msg === "changed") show(message.fields.args[0]);
  };
}

/** As Rocket.Chat's page: a command that nobody knows is a message only where the workspace allows it. */
async function post(room, text) {
  const { settings } = await call("GET", "settings.public?_id=Message_AllowUnrecognizedSlashCommand");
  if (text.startsWith("/") && !settings[0].value) {
    const command = /^\/(\S*)/.exec(text)[1];
    return show({
      _id: String(Date.now()),
      u: { username: "rocket.cat" },
      msg: `No such command: ${command}`,
    });
  }
  await call("POST", "chat.postMessage", { roomId: room._id, text });
}

async function startCall(room) {
  const { data } = await call("POST", "video-conference.start", { roomId: room._id });
  const { url } = await call("POST", "video-conference.join", { callId: data.callId });
  window.open(url, "_blank", "noopener");
}

/** What an administrator is led to instead of a room: the wizard, while it is not done; or the dialog, over the room. */
async function isKept() {
  const { roles } = await call("GET", "me");
  if (!roles.includes("admin")) return false;
  const ids = ["Show_Setup_Wizard", "Deployment_FingerPrint_Verified"];
  const { settings } = await call("GET", `settings.public?_id=${ids.join(",")}`);
  const value = (id) => settings.find(({ _id }) => _id === id).value;
  if (!value("Deployment_FingerPrint_Verified")) find("#fingerprint").showModal();
  if (value("Show_Setup_Wizard") === "completed") return false;
  history.replaceState(null, "", "/setup-wizard/2");
  find("#setup-wizard").hidden = false;
  return true;
}

/** It is shown when it can be used. */
async function openRoom() {
  if (await isKept()) return;
  const { channel } = await call("GET", `channels.info?roomName=${roomName}`);
  find("h2").textContent = `# ${channel.name}`;
  await new Promise((heard) => listen(channel, heard));
  const { messages } = await call("GET", `channels.messages?roomName=${roomName}`);
  messages.reverse().forEach(show);
  const { data } = await call("GET", "video-conference.providers");
  find("#call").hidden = data.length === 0;
  find("#call").onclick = () => startCall(channel);

  const text = find("textarea");
  const send = () => {
    const typed = text.value.trim();
    text.value = "";
    if (typed !== "") post(channel, typed);
  };
  find("#composer").onsubmit = (event) => {
    event.preventDefault();
    send();
  };
  text.onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    send();
  };
  find("main").hidden = false;
}

find("#login").onsubmit = async (event) => {
  event.preventDefault();
  const { user, password } = Object.fromEntries(new window.FormData(event.target));
  const { data } = await call("POST", "login", { user, password });
  if (data === undefined) return;
  localStorage.setItem("Meteor.userId", data.userId);
  localStorage.setItem("Meteor.loginToken", data.authToken);
  find("#login").hidden = true;
  await openRoom();
};

if (localStorage.getItem("Meteor.loginToken") === null) find("#login").hidden = false;
else openRoom();
