// If a picture cannot be loaded, because the shop is down, its place stays empty.
for (const picture of document.querySelectorAll(".picture img")) {
  picture.addEventListener("error", () => picture.remove());
  // It may have failed before this script was loaded.
  if (picture.complete && picture.currentSrc && !picture.naturalWidth) picture.remove();
}
