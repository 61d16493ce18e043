import { expect, test } from 'vitest'
import { traitsOf } from './script-of-text.ts'

test.each([
  ['Restart the shop', {}],
  ['1. הפעלה מחדש של nginx', { dir: 'rtl' }],
  ['إعادة تشغيل', { dir: 'rtl' }],
  ['nginx を再起動する', { lang: 'ja' }],
  ['再起動', { lang: 'zh' }],
  ['重启商店前端', { lang: 'zh' }],
  ['상점 다시 시작', { lang: 'ko' }],
  ['Restart 商店', {}],
  ['', {}],
])('%s has the direction and language of its letters', (text, traits) => {
  expect(traitsOf(text)).toEqual(traits)
})

test('the language that a document names wins over its letters', () => {
  expect(traitsOf('再起動', 'ja')).toEqual({ lang: 'ja' })
  expect(traitsOf('راه‌اندازی دوباره', 'fa')).toEqual({ dir: 'rtl', lang: 'fa' })
})
