import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { patient } from '../../ts-diffusion/test/patience.js';
import { describeWithChromium } from '../../ts-diffusion/test/runtime/chromium.js';
import { pages } from './pages.js';

describeWithChromium('the drawing pad', () => {
  const browser = pages();

  const pad = async (page: Page): Promise<(x: number, y: number) => [number, number]> => {
    const box = await page.getByRole('application').boundingBox();
    if (!box) throw new Error('the pad is not shown');
    return (x, y) => [box.x + (x * box.width) / 28, box.y + (y * box.height) / 28];
  };
  /** The sum of its pixels, those veiled included. */
  const inked = (page: Page): Promise<number> =>
    page.evaluate<number>(
      `[...document.querySelector('canvas.pad').getContext('2d').getImageData(0, 0, 28, 28).data]
        .filter((value, i) => i % 4 === 0 && value > 60).length`,
    );
  const ink = (page: Page): string | null => new URLSearchParams(page.url().split('?')[1]).get('ink');

  test('is drawn on with the left button alone', async () => {
    const page = await browser().open('/draw?model=quick&how=clean');
    await page.getByText('Draw something.').waitFor();
    const at = await pad(page);
    for (const button of ['right', 'middle'] as const) {
      await page.mouse.move(...at(8, 8));
      await page.mouse.down({ button });
      await page.mouse.move(...at(20, 20), { steps: 4 });
      await page.mouse.up({ button });
    }
    expect(await inked(page)).toBe(0);
    expect(ink(page)).toBeNull();
    await page.mouse.move(...at(8, 8));
    await page.mouse.down();
    await page.mouse.up();
    await expect.poll(() => inked(page), patient).toBeGreaterThan(0);
  });

  test('is not drawn on by what comes after a pointer was cancelled', async () => {
    const page = await browser().open('/draw?model=quick&how=clean');
    await page.getByText('Draw something.').waitFor();
    const at = await pad(page);
    await page.mouse.move(...at(8, 8));
    await page.mouse.down();
    await page.mouse.move(...at(9, 9));
    await expect.poll(() => inked(page), patient).toBeGreaterThan(0);
    await page.getByRole('application').dispatchEvent('pointercancel', { pointerId: 1, isPrimary: true });
    // What was drawn until then is kept.
    await expect.poll(() => ink(page), patient).not.toBeNull();
    const before = await inked(page);
    await page.mouse.move(...at(20, 20), { steps: 6 });
    await page.mouse.up();
    expect(await inked(page)).toBe(before);
  });

  test('keeps a stroke that begins before the one before it is in the address', async () => {
    const page = await browser().open('/draw?model=quick&how=clean');
    await page.getByText('Draw something.').waitFor();
    const at = await pad(page);
    await page.mouse.move(...at(6, 10));
    await page.evaluate(
      // As text: the test runner would rewrite a function.
      `(async () => {
        const canvas = document.querySelector('canvas.pad');
        const dot = (type, [clientX, clientY]) =>
          canvas.dispatchEvent(new PointerEvent(type, { pointerId: 1, isPrimary: true, button: 0, clientX, clientY }));
        const [first, second] = ${JSON.stringify([at(6, 10), at(20, 10)])};
        dot('pointerdown', first);
        dot('pointerup', first);
        dot('pointerdown', second);
        // The page is drawn anew in the middle of the second stroke.
        for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
        await new Promise((resolve) => setTimeout(resolve, 50));
        dot('pointerup', second);
      })()`,
    );
    const columns = await page.evaluate<number[]>(
      `[...document.querySelector('canvas.pad').getContext('2d').getImageData(0, 0, 28, 28).data]
        .flatMap((value, i) => i % 4 === 0 && value > 60 ? [(i / 4) % 28] : [])`,
    );
    expect(columns.some((column) => column < 10)).toBe(true);
    expect(columns.some((column) => column > 16)).toBe(true);
  });

  test('takes changes back, by the button and by Ctrl-Z', async () => {
    const page = await browser().open('/draw?model=quick&how=clean');
    await page.getByText('Draw something.').waitFor();
    const at = await pad(page);
    const undo = page.getByRole('button', { name: 'Undo' });
    expect(await undo.isDisabled()).toBe(true);
    const dot = async (x: number): Promise<string | null> => {
      const before = ink(page);
      await page.mouse.click(...at(x, 10));
      await expect.poll(() => ink(page), patient).not.toBe(before);
      return ink(page);
    };
    // The eraser where nothing is, and a dot on itself, change nothing.
    const eraser = page.getByRole('button', { name: 'Eraser' });
    await eraser.click();
    await page.mouse.click(...at(14, 14));
    await eraser.click();
    expect(await page.getByRole('status').innerText()).toBe('Draw something.');
    expect(ink(page)).toBeNull();
    expect(await undo.isDisabled()).toBe(true);
    const first = await dot(6);
    await page.mouse.click(...at(6, 10));
    const second = await dot(20);
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => ink(page), patient).toBeNull();
    await undo.click();
    await expect.poll(() => ink(page), patient).toBe(second);
    await page.keyboard.press('Control+z');
    await expect.poll(() => ink(page), patient).toBe(first);
    await page.keyboard.press('Control+z');
    await expect.poll(() => ink(page), patient).toBeNull();
    await expect.poll(() => inked(page), patient).toBe(0);
    await expect.poll(() => undo.isDisabled(), patient).toBe(true);
  });

  test('is drawn on in colour for a model of coloured images, and keeps the drawing for one of gray images', async () => {
    const page = await browser().open('/draw?model=colour&how=clean&digit=1&pen=ff8000&ground=004080');
    await page.getByText('Draw something.').waitFor();
    const canvas = (): Promise<{ side: number; colours: Record<string, number> }> =>
      page.evaluate(
        `(() => {
          const pad = document.querySelector('canvas.pad');
          const { data } = pad.getContext('2d').getImageData(0, 0, pad.width, pad.height);
          const colours = {};
          for (let i = 0; i < data.length; i += 4) {
            const name = [...data.slice(i, i + 3)].join();
            colours[name] = (colours[name] ?? 0) + 1;
          }
          return { side: pad.width, colours };
        })()`,
      );
    await expect.poll(async () => (await canvas()).side, patient).toBe(32);
    expect((await canvas()).colours).toEqual({ '0,64,128': 32 * 32 });
    const at = await pad(page);
    await page.mouse.move(...at(14, 4));
    await page.mouse.down();
    await page.mouse.move(...at(14, 24), { steps: 4 });
    await page.mouse.up();
    await page.getByText('Done.').waitFor({ timeout: 120_000 });
    const stroke = (await canvas()).colours['255,128,0'] ?? 0;
    expect(stroke).toBeGreaterThan(20);
    expect(await page.evaluate(`document.querySelectorAll('.tile canvas:not(.empty)').length`)).toBe(4);

    await page.getByLabel('Model', { exact: true }).selectOption('quick');
    await expect.poll(async () => (await canvas()).side, patient).toBe(28);
    await expect.poll(async () => (await canvas()).colours['255,255,255'] ?? 0, patient).toBeGreaterThan(stroke / 2);
    expect(await page.getByLabel('Pen', { exact: true }).count()).toBe(0);
  });
});
