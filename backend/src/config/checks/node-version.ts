/*
 * Exits under a Node version that is too old for the imports of this program, before these are evaluated. `npm start`
 * has the same check; this one is for starting the built server without npm.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Lockstep cannot start.\nThis is Node ${process.versions.node}, and Lockstep needs 22.18 or newer. Start it by npm, ` +
      'which brings Node 24 along on Linux; or install Node 24 from https://nodejs.org.',
  );
  process.exit(1);
}
