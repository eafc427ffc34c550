"""Groups: the projects people work in, their members and the plugins they use."""
