using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using NativeCnn.Benchmarks;

// `layers` is ours; everything else is BenchmarkDotNet's.
if (args is ["layers", .. string[] rest])
    return new LayersCommand().Parse(rest).Invoke();

// Wide enough for a layer's name and an algorithm's.
IConfig config = DefaultConfig.Instance.WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(40));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
return 0;
