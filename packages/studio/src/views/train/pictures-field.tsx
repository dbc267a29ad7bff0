import type { VNode } from 'preact';
import { FilesButton } from '../../components/file-button.js';
import { Choices } from '../../components/fields.js';
import type { OwnPictures } from '../../engine/own-pictures.js';
import type { ChosenPictures } from './use-own-pictures.js';

/** Height and width that pictures may be trained in, in pixels. */
const sides = [16, 32, 64] as const;

interface PicturesFieldProps extends ChosenPictures {
  readonly disabled: boolean;
}

/** Which pictures of the visitor's to train on. They stay in the browser. */
export function PicturesField({ side, disabled, reading, pictures, trouble, ...actions }: PicturesFieldProps): VNode {
  return (
    <>
      <Choices
        label="Size"
        options={sides.map((each) => [each, `${each}x${each}`] as const)}
        chosen={[side]}
        onToggle={(size) => {
          void actions.resize(size);
        }}
      />
      <div class="row">
        <FilesButton
          label="Choose pictures"
          disabled={disabled}
          choose={{ files: 'image/*', multiple: true }}
          onFiles={actions.choose}
        />
        <FilesButton label="Choose a folder" disabled={disabled} choose="folder" onFiles={actions.choose} />
      </div>
      {trouble !== undefined && (
        <p class="notice failure" role="alert">
          {trouble}
        </p>
      )}
      <p class="status" role="status">
        {pictures
          ? described(pictures)
          : reading > 0
            ? `Reading ${reading} files.`
            : 'A folder with one subfolder per class trains with classes. The pictures stay in this browser.'}
      </p>
    </>
  );
}

/** At most so many names of files are listed. */
const NAMED = 3;

function described({ dataset, broken }: OwnPictures): string {
  const { count, classes, classNames, channels = 1, width, height } = dataset;
  const what = `${count} picture${count === 1 ? '' : 's'} of ${width}x${height}, ${channels === 1 ? 'gray' : 'in colour'}`;
  const named = classNames ? `, ${classes} class${classes === 1 ? '' : 'es'}: ${classNames.join(', ')}` : '';
  if (broken.length === 0) return `${what}${named}.`;
  const more = broken.length > NAMED ? ` and ${broken.length - NAMED} more` : '';
  return `${what}${named}. Left out, since the browser cannot read them: ${broken.slice(0, NAMED).join(', ')}${more}.`;
}
