"""The course as static pages, made from the stored notebooks without running them.

``python -m gossipkit.lab.site OUT``, in the course's top folder, writes them. They ask no other host for anything, and can be
served by any web server or opened from a disk.

===========  ==========================================================================================
`course`     which pages there are, in which order, and what each is called
`text`       a notebook's cells and a README's sections as the Markdown that Sphinx reads
`links`      where a link of the course leads on the site
`build`      Sphinx's settings, and what is written into OUT
===========  ==========================================================================================
"""
