import { describe, expect, it } from '@jest/globals';
import { lastWords } from '../browser.ts';

describe('the last words of a program that failed', () => {
  it.each([
    [
      "Playwright's download",
      'Downloading Chrome \u001b[2m from https://cdn.example/x.zip\u001b[22m\nError: getaddrinfo ENOTFOUND cdn.example\n    at GetAddrInfoReqWrap (node:dns:1:1) {\n  errno: -3008\n}\nFailed to install browsers\n',
      'getaddrinfo ENOTFOUND cdn.example',
    ],
    [
      "Debian's packages",
      "Reading package lists...\nE: Unable to locate package chromium\nE: Couldn't find any package\n",
      'Unable to locate package chromium',
    ],
    [
      'a library that is missing',
      '/opt/chrome: error while loading shared libraries: libnss3.so: cannot open shared object file\n',
      '/opt/chrome: error while loading shared libraries: libnss3.so: cannot open shared object file',
    ],
    ['a program that is not there', 'Error: spawn apt-get ENOENT', 'spawn apt-get ENOENT'],
    ['one that gives no reason', 'Trying ...\nGave up.\n', 'Gave up'],
    ['one that is silent', '', 'it said nothing'],
  ])('are found in the output of %s', (_what, output, words) => {
    expect(lastWords(output)).toBe(words);
  });
});
