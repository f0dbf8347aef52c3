"use strict";
document.getElementById("here").textContent = location.origin;
