/** The style of the account page: colours and sizes are those of the sign-in page. */
export const PAGE_STYLE = `
@font-face { font-family: 'Inter Variable'; src: url('inter.woff2') format('woff2'); font-weight: 100 900; font-display: swap; }
:root {
  color-scheme: light dark;
  --page: oklch(0.972 0.003 265); --raised: oklch(1 0 0); --hover: oklch(0.938 0.005 265);
  --line: oklch(0.912 0.005 265); --line-strong: oklch(0.83 0.008 265);
  --text: oklch(0.235 0.014 265); --text-2: oklch(0.43 0.016 265); --text-3: oklch(0.52 0.016 265);
  --accent: oklch(0.51 0.185 264); --accent-hover: oklch(0.46 0.185 264); --accent-fg: oklch(0.99 0.003 264);
  --accent-soft: oklch(0.952 0.024 264); --accent-text: oklch(0.47 0.18 264);
  --danger: oklch(0.53 0.2 26); --danger-soft: oklch(0.967 0.016 26);
  --warn-text: oklch(0.45 0.09 70); --warn-soft: oklch(0.968 0.035 88);
  --shadow: 0 2px 4px oklch(0.2 0.02 265 / 0.05), 0 8px 24px oklch(0.2 0.02 265 / 0.08);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: oklch(0.168 0.008 268); --raised: oklch(0.238 0.009 268); --hover: oklch(0.29 0.012 268);
    --line: oklch(0.32 0.01 268); --line-strong: oklch(0.42 0.012 268);
    --text: oklch(0.93 0.005 268); --text-2: oklch(0.765 0.01 268); --text-3: oklch(0.69 0.012 268);
    --accent: oklch(0.69 0.145 264); --accent-hover: oklch(0.75 0.13 264); --accent-fg: oklch(0.17 0.03 264);
    --accent-soft: oklch(0.285 0.055 264); --accent-text: oklch(0.77 0.115 264);
    --danger: oklch(0.76 0.14 24); --danger-soft: oklch(0.28 0.04 24);
    --warn-text: oklch(0.84 0.1 85); --warn-soft: oklch(0.3 0.035 80);
    --shadow: 0 2px 4px oklch(0 0 0 / 0.25), 0 8px 24px oklch(0 0 0 / 0.35);
  }
}
*, ::before, ::after { box-sizing: border-box; }
body {
  margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 24px 16px;
  background: var(--page); color: var(--text);
  font: 15px/24px 'Inter Variable', ui-sans-serif, system-ui, sans-serif;
  font-feature-settings: 'cv11', 'ss03', 'calt'; -webkit-font-smoothing: antialiased;
}
main {
  width: 100%; max-width: 400px; padding: 32px 32px 16px; background: var(--raised); border: 1px solid var(--line);
  border-radius: 22px; box-shadow: var(--shadow);
}
.mark { display: block; width: 40px; height: 40px; border-radius: 11px; background: var(--accent); fill: var(--accent-fg); }
h1 { margin: 24px 0 4px; font-size: 20px; line-height: 28px; font-weight: 650; letter-spacing: -0.011em; }
p { margin: 0; color: var(--text-2); overflow-wrap: anywhere; }
.note {
  margin: 16px 0; padding: 10px 14px; border-radius: 12px; background: var(--warn-soft); color: var(--warn-text);
  font-size: 13.5px; line-height: 20px;
}
.note strong { font-weight: 640; }
ul { list-style: none; margin: 0 -12px; padding: 0; }
button { font: inherit; color: inherit; cursor: pointer; border: 0; background: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.account {
  width: 100%; min-height: 60px; display: flex; align-items: center; gap: 12px; padding: 8px 12px; border-radius: 12px;
  text-align: start; transition: background-color 100ms;
}
.account:hover { background: var(--hover); }
.initials {
  flex: none; width: 40px; height: 40px; border-radius: 50%; display: grid; place-items: center;
  background: var(--accent-soft); color: var(--accent-text); font-size: 13.5px; font-weight: 600;
}
.who { flex: 1; min-width: 0; display: grid; }
.name { font-weight: 550; line-height: 22px; }
.email { font-size: 13.5px; line-height: 20px; color: var(--text-3); }
.name, .email { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.badge {
  flex: none; padding: 2px 8px; border-radius: 999px; background: var(--accent-soft); color: var(--accent-text);
  font-size: 12px; line-height: 16px; font-weight: 550;
}
.or { display: flex; align-items: center; gap: 12px; margin: 16px 0; font-size: 13.5px; color: var(--text-3); }
.or::before, .or::after { content: ''; flex: 1; height: 1px; background: var(--line); }
label { display: block; margin: 0 0 12px; font-size: 13.5px; line-height: 20px; font-weight: 550; }
label small { font-weight: 400; font-size: inherit; color: var(--text-3); }
input {
  display: block; width: 100%; height: 44px; margin-top: 4px; padding: 0 12px; border: 1px solid var(--line-strong);
  border-radius: 8px; background: transparent; color: var(--text); font: inherit; font-size: 16px; font-weight: 400;
}
input:focus { outline: 2px solid var(--accent); outline-offset: -1px; }
input[aria-invalid] { border-color: var(--danger); }
::placeholder { color: var(--text-3); opacity: 1; }
.primary {
  width: 100%; height: 44px; margin-top: 4px; border-radius: 8px; background: var(--accent); color: var(--accent-fg);
  font-weight: 550; transition: background-color 100ms;
}
.primary:hover { background: var(--accent-hover); }
.problem {
  margin: 0 0 12px; padding: 8px 12px; border-radius: 8px; background: var(--danger-soft); color: var(--danger);
  font-size: 13.5px; line-height: 20px;
}
.cancel { display: block; margin: 12px auto 0; min-height: 44px; padding: 0 16px; border-radius: 8px; color: var(--text-2); font-size: 13.5px; }
.cancel:hover { color: var(--text); background: var(--hover); }
a { color: var(--accent-text); text-underline-offset: 3px; }
code { font: 12.5px/1.4 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; overflow-wrap: anywhere; }
@media (max-width: 440px) { main { padding: 24px 24px 8px; } }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media (forced-colors: active) { .initials, .badge, .primary { border: 1px solid; } }
`;
