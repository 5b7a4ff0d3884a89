/** Why the system does not give a port, by its code, in a sentence; `undefined` for an error that is about something else. */
export function portRefusal(code: string, host: string, port: number): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is taken: another program listens there, maybe another Lockstep. Stop it, or choose another PORT.`;
    case 'EACCES':
    case 'EPERM':
      return `Port ${port} is not for the user that runs this: ports below 1024 are the administrator's. Choose another PORT, and put a proxy before it.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
      return `HOST: ${host} is no address of this machine. Take 127.0.0.1, or 0.0.0.0 for all that it has.`;
    default:
      return undefined;
  }
}
