/** A message for an error code of listening on a port; `undefined` for errors about something else. */
export function portRefusal(code: string, host: string, port: number): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is taken: another program listens there, maybe another Lockstep. Stop it, or choose another PORT.`;
    case 'EACCES':
    case 'EPERM':
      return `The user that runs this may not use port ${port}: ports below 1024 need special rights. Choose another PORT, and put a proxy before it.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return `HOST: ${host} is not an address of this machine. Use 127.0.0.1, or 0.0.0.0 for all its addresses.`;
    default:
      return undefined;
  }
}
