using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using NativeCnn.Benchmarks;
using NativeCnn.Interop;

// These are ours; everything else is BenchmarkDotNet's.
if (args is ["layers", .. string[] layers])
    return RunOwn(new LayersCommand(), layers);
if (args is ["dense", .. string[] dense])
    return RunOwn(new DenseCommand(), dense);
if (args is ["compile", .. string[] compile])
    return RunOwn(new CompileCommand(), compile);
if (args is ["packed", .. string[] packed])
    return RunOwn(new PackedCommand(), packed);
if (args is ["streaming", .. string[] streaming])
    return RunOwn(new StreamingCommand(), streaming);
if (args is ["onednn", .. string[] oneDnn])
    return RunOwn(new OneDnnCommand(), oneDnn);
if (args is ["regret", .. string[] regret])
    return RunOwn(new RegretCommand(), regret);
if (args is ["scaling", .. string[] scaling])
    return RunOwn(new ScalingCommand(), scaling);
if (args is ["pictures", .. string[] pictures])
    return RunOwn(new PicturesCommand(), pictures);
if (args is ["training-start", .. string[] start])
    return RunOwn(new TrainingStartCommand(), start);

// Wide enough for the names of a layer, an operation and an algorithm.
IConfig config = DefaultConfig.Instance.WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(80));
IEnumerable<Summary> summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
return summaries.All(summary => summary.Reports.All(report => report.Success)) ? 0 : 1;

static int RunOwn(Command command, string[] arguments)
{
    try
    {
        return command.Parse(arguments).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }
    catch (Exception error)
        when (error is InvalidOperationException or ArgumentException or NativeLibraryException or IOException)
    {
        Console.Error.WriteLine(error.Message);
        return 1;
    }
}
