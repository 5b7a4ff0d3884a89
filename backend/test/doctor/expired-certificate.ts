import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate for `localhost` of 2020, which ended in 2021. It signs itself, and nothing else trusts it. */
export const EXPIRED = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEZiq3Ybfu+OaxoXP
e9DZLLbVAPorRkfXwQYdw71BldOhRANCAAQVrPter/6MGxaSau7eQQ2L2LHz5Qi9
htUBNShcR5rlo5T0havs8zt2mBWznXb7F9vEadWToLV3jaBswhYX9BbA
-----END PRIVATE KEY-----
`,
  certificate: `-----BEGIN CERTIFICATE-----
MIIBXDCCAQKgAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwHhcNMjAwMTAxMDAwMDAwWhcNMjEwMTAxMDAwMDAwWjAUMRIwEAYDVQQDDAls
b2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQVrPter/6MGxaSau7e
QQ2L2LHz5Qi9htUBNShcR5rlo5T0havs8zt2mBWznXb7F9vEadWToLV3jaBswhYX
9BbAo0UwQzAUBgNVHREEDTALgglsb2NhbGhvc3QwDAYDVR0TBAUwAwEB/zAdBgNV
HQ4EFgQULr9KASKWH9kTk3FLCkIDpO/fZBgwCgYIKoZIzj0EAwIDSAAwRQIhAPDF
C6htHKm+X9gJYIDOWTUpqIBnF9X+EVuxjWw8aF5CAiAWTSVsy2OnXqj3XV8mcUAU
SaVmBe61UdSQG+f35UTE1w==
-----END CERTIFICATE-----
`,
  /** Writes the certificate to a folder, as an authority for `NODE_EXTRA_CA_CERTS`; returns the path. */
  file(folder: string): string {
    const path = join(folder, 'authority.pem');
    writeFileSync(path, this.certificate);
    return path;
  },
};
