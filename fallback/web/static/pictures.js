// Where a picture cannot be had, because it lies in a shop that is away, its place stays plain.
for (const picture of document.querySelectorAll(".picture img")) {
  picture.addEventListener("error", () => picture.remove());
  // It may have failed before this script came.
  if (picture.complete && picture.currentSrc && !picture.naturalWidth) picture.remove();
}
