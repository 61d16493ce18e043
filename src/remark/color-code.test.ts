import { unified } from '@astrojs/markdown-remark'
import { expect, test } from 'vitest'
import { shikiClasses } from '../build/shiki-classes.ts'
import { colorCode } from './color-code.ts'

test('code within a list or a quote has its colors too', async () => {
  const colors = { theme: 'css-variables', transformers: [shikiClasses] }
  const { createRenderer } = unified({ rehypePlugins: [[colorCode, colors]] })
  const renderer = await createRenderer({ syntaxHighlight: false } as never)
  const { code } = await renderer.render('1. > ```bash\n   > echo "a"\n   > ```\n')
  expect(code).toContain(
    '<pre class="code"><code><span class="line"><span class="token-function">echo</span>',
  )
})
