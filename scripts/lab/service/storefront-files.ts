/** The product that the lab releases, as it was at each of its two versions. Content only: the lab runs it, the build copies it. */
export interface StorefrontVersion {
  version: string
  /** Moment of the commit, ISO 8601, so that the hashes are the same in every lab. */
  date: string
  message: string
  files: Record<string, string>
}

const CSS = `:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { margin: 0 auto; max-width: 40rem; padding: 2rem 1rem; }
`

const CHANGELOG_HEAD = `# Changelog

All notable changes to storefront are written here, in the form of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).
Versions follow [Semantic Versioning](https://semver.org/).

## [Unreleased]
`

const ENTRY_1_4 = `
## [1.4.0] - 2026-10-27

### Added

- The cart shows the total with tax before checkout.
- Products can be filtered by whether they are in stock.

### Fixed

- Prices of zero are shown as "free" and no longer as an empty cell.
`

const ENTRY_1_3 = `
## [1.3.0] - 2026-09-08

### Added

- The product list can be sorted by price.

### Changed

- The page loads its script after the content.
`

function packageJson(version: string): string {
  return `${JSON.stringify({ name: 'storefront', version, description: 'The demo product that the lab releases.', private: true, type: 'module' }, null, 2)}\n`
}

function indexHtml(products: readonly string[]): string {
  const items = products.map((product) => `        <li>${product}</li>`).join('\n')
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Storefront %VERSION%</title>
    <link rel="stylesheet" href="/app.css">
    <script type="module" src="/app.js"></script>
    <script type="module" src="/toasts.js"></script>
  </head>
  <body>
    <ul id="toasts" role="status"></ul>
    <div id="root">
      <h1>Storefront</h1>
      <ul id="products">
${items}
      </ul>
      <p><small>Version %VERSION%, built from %COMMIT%</small></p>
    </div>
  </body>
</html>
`
}

const SORT_JS = `const list = document.querySelector('#products')
const price = (item) => Number(/[\\d.]+$/.exec(item.textContent)?.[0] ?? 0)
list.append(...[...list.children].sort((a, b) => price(a) - price(b)))
`

const TOTAL_JS = `${SORT_JS}
const total = [...list.children].reduce((sum, item) => sum + price(item), 0)
document.querySelector('#root').append(\`Total with tax: \${(total * 1.2).toFixed(2)}\`)
`

const TOASTS_JS = `const { url } = await (await fetch('/toasts.json')).json()
if (url) {
  new EventSource(url).addEventListener('message', ({ data }) => {
    const item = document.createElement('li')
    item.textContent = JSON.parse(data).text
    document.querySelector('#toasts').prepend(item)
  })
}
`

const README = `# storefront

The demo product of the lab. \`src/\` is what the build copies; \`package.json\` has the version.
`

/** Oldest first. All but the last are tagged; the last is ready to be released. */
export const STOREFRONT: readonly StorefrontVersion[] = [
  {
    version: '1.3.0',
    date: '2026-09-08T09:00:00Z',
    message: 'Sort products by price',
    files: {
      'README.md': README,
      'package.json': packageJson('1.3.0'),
      'CHANGELOG.md': CHANGELOG_HEAD + ENTRY_1_3,
      'src/index.html': indexHtml(['Tea 4.50', 'Coffee 6.00', 'Mug 9.90']),
      'src/app.css': CSS,
      'src/app.js': SORT_JS,
      'src/toasts.js': TOASTS_JS,
    },
  },
  {
    version: '1.4.0',
    date: '2026-10-27T09:00:00Z',
    message: 'Show the total with tax',
    files: {
      'package.json': packageJson('1.4.0'),
      'CHANGELOG.md': CHANGELOG_HEAD + ENTRY_1_4 + ENTRY_1_3,
      'src/index.html': indexHtml(['Tea 4.50', 'Coffee 6.00', 'Mug 9.90', 'Teapot 24.00']),
      'src/app.css': `${CSS}#products li { padding-block: 0.25rem; }\n`,
      'src/app.js': TOTAL_JS,
    },
  },
]
