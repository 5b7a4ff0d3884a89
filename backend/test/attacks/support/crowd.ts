import type { TestPerson, TestServer } from '../../support/test-server.js';

/** Requests of one person in these tests; most limits allow 30 changes a minute. */
const REQUESTS_EACH = 25;

/** Admins who take turns, so that the limits per person do not hide what would happen without them. */
export class Crowd {
  private current: TestPerson | undefined;
  private number = 0;

  constructor(private readonly server: TestServer) {}

  async admin(): Promise<TestPerson> {
    if (!this.current || this.number % REQUESTS_EACH === 0) {
      this.current = await this.server.signIn(`Crowd ${this.number}`, 'admin');
    }
    this.number += 1;
    return this.current;
  }
}
