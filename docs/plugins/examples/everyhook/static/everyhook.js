document.documentElement.dataset.everyhook = "loaded";
