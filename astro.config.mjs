import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import mdx from '@astrojs/mdx'
import { unified } from '@astrojs/markdown-remark'
import { loadConfig } from './runner/config.ts'
import { runningVersion } from './src/build/code-version.ts'
import { guideOf } from './src/build/guide.ts'
import { runbookSite } from './src/build/integration.ts'
import { loadedModules } from './src/build/loaded-modules.ts'
import { shikiClasses } from './src/build/shiki-classes.ts'
import { colorCode } from './src/remark/color-code.ts'
import { labelTasks } from './src/remark/label-tasks.ts'
import { linkHeadings } from './src/remark/link-headings.ts'
import { reachTables } from './src/remark/reach-tables.ts'
import { remarkSteps } from './src/remark/step-cards.ts'

const root = process.cwd()
// The site's own files; what it shows lies in the working directory, which may be another.
const own = fileURLToPath(new URL('.', import.meta.url))
const config = await loadConfig(root, process.env)
const brought = guideOf(config, own)
const site = new URL(config.site ?? 'http://127.0.0.1:4321')
// A test builds its own project beside the real one: output and caches must not meet.
const outDir = process.env.RUNBOOK_SITE_OUT ?? join(root, 'dist/site')

/** How blocks of code are colored. */
const colors = {
  // Unknown to the highlighter, which would say so at each fence.
  langAlias: { promql: 'plaintext' },
  // The grammar of MDX colors an element by that of TSX, and does not load it by itself.
  langs: ['tsx', 'yaml', 'bash'],
  theme: 'css-variables',
  transformers: [shikiClasses],
}

/** Where a package of ours lies, for what is run elsewhere. */
function packagePath(name) {
  try {
    return isBuiltin(name) ? name : import.meta.resolve(name)
  } catch {
    return name
  }
}

/**
 * Not by `defineConfig`, whose module loads an optimizer of pictures that is not used here.
 *
 * @type {import('astro').AstroUserConfig}
 */
export default {
  site: site.origin,
  base: site.pathname,
  trailingSlash: 'always',
  outDir,
  ...(process.env.RUNBOOK_SITE_OUT || own !== join(root, '/') ? { cacheDir: `${outDir}-cache` } : {}),
  markdown: {
    // Astro's own option warns of inline styles, which `shikiClasses` replaces.
    syntaxHighlight: false,
    // Astro's default processor runs no remark plugin; smart punctuation would turn `--force` into a dash.
    processor: unified({
      smartypants: false,
      remarkPlugins: [
        [
          remarkSteps,
          {
            root,
            content: config.content,
            kinds: config.kinds,
            site: config.site,
            edit: config.edit,
            ...brought,
          },
        ],
      ],
      rehypePlugins: [[colorCode, colors], labelTasks, reachTables, linkHeadings],
    }),
  },
  integrations: [mdx({ optimize: true }), runbookSite(config, root, join(own, 'src'))],
  fetchFile: null,
  devToolbar: { enabled: false },
  security: {
    csp: {
      // WebAssembly is what Pagefind searches with.
      scriptDirective: { resources: ["'self'", "'wasm-unsafe-eval'"] },
      directives: [
        "default-src 'none'",
        "img-src 'self' data:",
        ["connect-src 'self'", ...(config.toasts ? [new URL(config.toasts).origin] : [])].join(' '),
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
      ],
    },
  },
  // Pages whose `cacheKey` is that of the build before are taken from there.
  experimental: { incrementalBuild: true },
  vite: {
    plugins: [loadedModules(join(own, 'runner'))],
    define: {
      'import.meta.env.GUIDE': JSON.stringify(brought.guide ?? ''),
      // Astro keeps pages for one configuration, so a change of the code makes them all anew.
      'import.meta.env.CODE': JSON.stringify(runningVersion(own)),
    },
    // Astro renders from a folder inside the working directory, which need not be where the packages are.
    environments: { prerender: { build: { rolldownOptions: { output: { paths: packagePath } } } } },
    build: {
      // The other minifier takes `:target-current` for a mistake, and says so at each build.
      cssMinify: 'esbuild',
      // One request less on every page: scripts are small and hashed into the policy. Styles stay a file.
      assetsInlineLimit: (file) => /\.[cm]?[jt]s$/.test(file),
      rolldownOptions: { checks: { moduleLevelDirective: false } },
    },
  },
}
