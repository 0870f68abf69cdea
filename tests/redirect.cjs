// Loaded before a client of Node: leads Routee's names to a port of this machine, as a name service would.
const net = require("node:net");

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) {
  const [options, ...rest] = Array.isArray(given[0]) ? given[0] : given;
  if (/\.routee\.net$/.test(options?.host ?? "")) {
    const here = { ...options, host: "127.0.0.1", port: Number(process.env.REDIRECT_PORT) };
    return connect.call(this, here, ...rest);
  }
  return connect.apply(this, given);
};
